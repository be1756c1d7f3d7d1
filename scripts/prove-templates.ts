/**
 * Prints the counts behind what is claimed of templates: rendering, detection, round trips, audit.
 * `npm run prove:templates`; reads the recorded templates in place.
 */
import { readFileSync } from "node:fs";
import { auditTemplate } from "../packages/hearth/src/formats/audit/index.ts";
import { detect } from "../packages/hearth/src/formats/detect/index.ts";
import { lostInPrompt } from "../test/conformance/round-trip.ts";
import { compareRendering, noTemplateData, readTemplateData } from "../test/conformance/template-data.ts";

export interface TemplateProof {
  templates: number;
  /** Templates equal to Python in all conversations. */
  templatesEqual: number;
  renderings: number;
  renderingsEqual: number;
  refusalsAgreed: number;
  /** Templates with a format recognised from their text, as the hand-checked list says. */
  detected: number;
  fallback: number;
  detectedWrong: string[];
  /** Templates through which `parse(render(calls)) = calls` holds, and nothing else of a conversation is lost. */
  roundTrips: number;
  roundTripsLost: string[];
  /** Findings of the audit, and those that are repaired. */
  findings: Record<string, number>;
  repaired: number;
  unrepaired: string[];
}

/** Undefined where the recorded templates are absent. */
export async function proveTemplates(): Promise<TemplateProof | undefined> {
  if (noTemplateData !== false) return undefined;
  const data = readTemplateData();
  const rendering = compareRendering(data);
  const listed = new URL("../test/conformance/templates.json", import.meta.url);
  const expected = JSON.parse(readFileSync(listed, "utf8")) as Record<
    string,
    { format: string; how?: string }
  >;
  const proof: TemplateProof = {
    templates: data.templates.length,
    templatesEqual: rendering.templates,
    renderings: rendering.rows,
    renderingsEqual: rendering.equal,
    refusalsAgreed: rendering.bothRefuse,
    detected: 0,
    fallback: 0,
    detectedWrong: [],
    roundTrips: 0,
    roundTripsLost: [],
    findings: {},
    repaired: 0,
    unrepaired: [],
  };
  for (const { file, text } of data.templates) {
    const found = detect(text);
    const wanted = expected[file];
    if (found.how === "fallback") proof.fallback++;
    else proof.detected++;
    if (found.format !== wanted?.format || (found.how === "fallback") !== (wanted.how === "fallback"))
      proof.detectedWrong.push(`${file}: ${found.format}`);
    const lost = roundTrip(text);
    if (lost.length === 0) proof.roundTrips++;
    else proof.roundTripsLost.push(`${file}: ${lost.join("; ")}`);
    for (const finding of auditTemplate(text).findings) {
      proof.findings[finding.what] = (proof.findings[finding.what] ?? 0) + 1;
      if (finding.repair !== undefined) proof.repaired++;
      else if (finding.what !== "thinking") proof.unrepaired.push(`${file}: ${finding.what}`);
    }
  }
  return proof;
}

function roundTrip(template: string): string[] {
  try {
    return lostInPrompt(template);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

if (import.meta.main) {
  const proof = await proveTemplates();
  if (proof === undefined) console.log(String(noTemplateData));
  else {
    console.log(
      `templates byte-equal to Python: ${proof.templatesEqual} of ${proof.templates} in all conversations`,
    );
    console.log(
      `renderings: ${proof.renderingsEqual} equal, ${proof.refusalsAgreed} refused by both, of ${proof.renderings}`,
    );
    console.log(
      `formats: ${proof.detected} detected, ${proof.fallback} without tools (Hermes injected), ${proof.detectedWrong.length} against the hand-checked list`,
    );
    console.log(`round trips parse(render(calls)) = calls: ${proof.roundTrips} of ${proof.templates}`);
    for (const line of [...proof.detectedWrong, ...proof.roundTripsLost]) console.log(`  ${line}`);
    console.log(`audit: ${proof.repaired} findings repaired, ${proof.unrepaired.length} not`);
    console.log(
      `  ${Object.entries(proof.findings)
        .map(([what, count]) => `${what} ${count}`)
        .join(", ")}`,
    );
    for (const line of proof.unrepaired) console.log(`  not repaired: ${line}`);
  }
}
