import { index } from "../values/numbers.ts";
import { escapeHtml, iterate, truth } from "../values/operators.ts";
import { str } from "../values/repr.ts";
import type { Value } from "../values/types.ts";
import { argumentError, given } from "./define.ts";

const HTTP =
  /^((https?:\/\/|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)|(https?:\/\/)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))(?::[\d]{1,5})?(?:[/?#]\S*)?$/i;
const EMAIL = /^\S+@\w[\w.-]*\.\w+$/;
const SCHEME = /^[\w.+-]{2,}:\/{0,2}$/;

/** Jinja2's `urlize`: links for addresses in escaped text. Linear per word: long words are left alone. */
export function urlize(text: string, options: readonly (Value | undefined)[]): string {
  const [limit, nofollow, target, rel, extra] = options;
  const relations = new Set((given(rel) ? str(rel) : "").split(/\s+/).filter((word) => word !== ""));
  if (truth(nofollow ?? false)) relations.add("nofollow");
  relations.add("noopener");
  const relText = ` rel="${escapeHtml([...relations].sort().join(" "))}"`;
  const targetText = given(target) ? ` target="${escapeHtml(str(target))}"` : "";
  const schemes = given(extra) ? Array.from(iterate(extra), str) : [];
  for (const scheme of schemes)
    if (!SCHEME.test(scheme)) throw argumentError(`'${scheme}' is not a valid URI scheme prefix.`);
  const shown = (url: string): string =>
    given(limit) && url.length > index(limit) ? `${url.slice(0, index(limit))}...` : url;
  const attributes = relText + targetText;
  return escapeHtml(text)
    .split(/(\s+)/)
    .map((word) => (word.length > 4096 ? word : link(word, attributes, shown, schemes)))
    .join("");
}

function link(word: string, attributes: string, shown: (url: string) => string, schemes: string[]): string {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? "";
  let middle = word.slice(head.length);
  let tail = "";
  if (/(?:[)>.,\n]|&gt;)$/.test(middle)) {
    tail = /(?:[)>.,\n]|&gt;)+$/.exec(middle)?.[0] ?? "";
    middle = middle.slice(0, middle.length - tail.length);
  }
  for (const [open, close] of [
    ["(", ")"],
    ["<", ">"],
    ["&lt;", "&gt;"],
  ] as const) {
    const missing = middle.split(open).length - middle.split(close).length;
    for (let i = Math.min(missing, tail.split(close).length - 1); i > 0; i--) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return head + anchor(middle, attributes, shown, schemes) + tail;
}

function anchor(
  middle: string,
  attributes: string,
  shown: (url: string) => string,
  schemes: string[],
): string {
  if (HTTP.test(middle)) {
    const url = /^https?:\/\//.test(middle) ? middle : `https://${middle}`;
    return `<a href="${url}"${attributes}>${shown(middle)}</a>`;
  }
  if (middle.startsWith("mailto:") && EMAIL.test(middle.slice(7)))
    return `<a href="${middle}">${middle.slice(7)}</a>`;
  if (
    middle.includes("@") &&
    !middle.startsWith("www.") &&
    !middle.startsWith("@") &&
    !middle.includes(":") &&
    EMAIL.test(middle)
  )
    return `<a href="mailto:${middle}">${middle}</a>`;
  const scheme = schemes.find((prefix) => middle !== prefix && middle.startsWith(prefix));
  return scheme === undefined ? middle : `<a href="${middle}"${attributes}>${middle}</a>`;
}
