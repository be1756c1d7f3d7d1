import { isIPv4, isIPv6 } from "node:net";
import { regExpOf } from "./pattern.ts";

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d+)?(?:z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/i;
const DURATION =
  /^P(?:\d+W|(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/;
const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/i;
const HOSTNAME = /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;
const UUID = /^(?:urn:uuid:)?[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
/** Longest address (RFC 5321: 64 + 1 + 255), so that the pattern above stays fast. */
const MAX_EMAIL_CHARS = 320;

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const days = new Date(Date.UTC(2000, 0, 1));
  days.setUTCFullYear(Number(year), Number(month), 0);
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days.getUTCDate();
}

function isDateTime(text: string): boolean {
  const [date, time, more] = text.split(/[Tt ]/);
  return date !== undefined && time !== undefined && more === undefined && isDate(date) && TIME.test(time);
}

function isUri(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`]*$/i.test(text) && text.length > text.indexOf(":") + 1;
}

/** The formats of draft 2020-12 that are checked, each with an example. Others only inform, as the draft allows. */
const FORMATS: ReadonlyMap<string, { test: (text: string) => boolean; example: string; words: string }> =
  new Map([
    ["date-time", { test: isDateTime, example: "2026-01-31T12:00:00Z", words: "a date and time (RFC 3339)" }],
    ["date", { test: isDate, example: "2026-01-31", words: "a date (YYYY-MM-DD)" }],
    ["time", { test: (text) => TIME.test(text), example: "12:00:00Z", words: "a time (RFC 3339)" }],
    ["duration", { test: (text) => DURATION.test(text), example: "PT1H", words: "a duration (ISO 8601)" }],
    [
      "email",
      {
        test: (text) => text.length <= MAX_EMAIL_CHARS && EMAIL.test(text),
        example: "name@example.com",
        words: "an e-mail address",
      },
    ],
    ["hostname", { test: (text) => HOSTNAME.test(text), example: "example.com", words: "a host name" }],
    ["ipv4", { test: isIPv4, example: "192.0.2.1", words: "an IPv4 address" }],
    ["ipv6", { test: isIPv6, example: "2001:db8::1", words: "an IPv6 address" }],
    ["uri", { test: isUri, example: "https://example.com/", words: "an absolute URI" }],
    [
      "uri-reference",
      {
        test: (text) => /^[^\s<>"{}|\\^`]*$/.test(text),
        example: "/path",
        words: "a URI or relative reference",
      },
    ],
    [
      "uuid",
      { test: (text) => UUID.test(text), example: "123e4567-e89b-42d3-a456-426614174000", words: "a UUID" },
    ],
    [
      "json-pointer",
      { test: (text) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text), example: "/a/0", words: "a JSON pointer" },
    ],
    [
      "regex",
      { test: (text) => regExpOf(text) !== undefined, example: "^a+$", words: "a regular expression" },
    ],
  ]);

/** A known format, or nothing. */
export function formatOf(
  name: unknown,
): { test(text: string): boolean; example: string; words: string } | undefined {
  return typeof name === "string" ? FORMATS.get(name) : undefined;
}
