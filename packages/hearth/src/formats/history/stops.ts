import type { Dialect } from "../dialects/index.ts";
import { tryRender, userMessage } from "./probe.ts";

const TOKEN = /^\s*(<\|[^<>|\s]+\|>|<｜[^<>｜]+｜>|<\/s>|<[a-z_]+>|<[a-z_]+\|>|\[\/?[A-Z_]+\])/;

/** Texts that end an answer: what the template writes behind one, the end of text, and what the format's calls end with. */
export function stopsOf(template: string, dialect: Dialect, eosToken?: string): string[] {
  const out = new Set<string>();
  const sentinel = "Answersentinel";
  const rendered = tryRender(
    template,
    [userMessage(), { role: "assistant", content: sentinel }, userMessage("And?")],
    {
      tools: false,
    },
  );
  const after = rendered?.slice(rendered.lastIndexOf(sentinel) + sentinel.length) ?? "";
  const token = TOKEN.exec(after)?.[1];
  if (token !== undefined && token !== "<EOS>") out.add(token);
  for (const marker of dialect.drop ?? [])
    if (
      /^<(?:\|?(?:im_end|eot_id|eom_id|end_of_turn|turn\||eot|eom|end_of_text|endoftext|END_OF_TURN_TOKEN)|\/s)/.test(
        marker,
      )
    )
      out.add(marker);
  for (const marker of dialect.headers?.close ?? []) if (/call|return|eot/.test(marker)) out.add(marker);
  if (eosToken !== undefined && eosToken !== "") out.add(eosToken);
  return [...out];
}
