import type { Program } from "../options.ts";

const PATHS = ["path"] as const;
const SUM: Program = {
  flags: "bctz",
  long: { "--binary": false, "--text": false, "--tag": false, "--zero": false },
  operands: PATHS,
};

/** Programs that look at files and folders, at the time and the machine. */
export const files: Readonly<Record<string, Program>> = {
  ls: {
    flags: "1aAbBcCdfFgGhHiklLmnNopqQrRsStuUvxXZ",
    values: { I: "text", w: "number", T: "number" },
    long: {
      "--all": false,
      "--almost-all": false,
      "--color": "optional",
      "--directory": false,
      "--full-time": false,
      "--group-directories-first": false,
      "--human-readable": false,
      "--ignore": "text",
      "--inode": false,
      "--recursive": false,
      "--reverse": false,
      "--si": false,
      "--size": false,
      "--sort": "text",
      "--time": "text",
      "--time-style": "text",
    },
    operands: PATHS,
  },
  tree: {
    flags: "adfhinpsDFgurtUCSJX",
    values: { L: "number", I: "text", P: "text" },
    long: {
      "--dirsfirst": false,
      "--du": false,
      "--filelimit": "number",
      "--filesfirst": false,
      "--gitignore": false,
      "--matchdirs": false,
      "--noreport": false,
      "--prune": false,
      "--si": false,
    },
    operands: PATHS,
  },
  stat: {
    flags: "ft",
    values: { c: "text" },
    long: { "--format": "text", "--printf": "text", "--terse": false, "--file-system": false },
    operands: PATHS,
  },
  file: {
    flags: "bik0N",
    long: {
      "--brief": false,
      "--mime": false,
      "--mime-type": false,
      "--mime-encoding": false,
      "--keep-going": false,
    },
    operands: PATHS,
  },
  du: {
    flags: "abchHkmsSx0",
    values: { d: "number", B: "text", t: "text" },
    long: {
      "--all": false,
      "--apparent-size": false,
      "--block-size": "text",
      "--bytes": false,
      "--exclude": "text",
      "--human-readable": false,
      "--inodes": false,
      "--max-depth": "number",
      "--si": false,
      "--summarize": false,
      "--threshold": "text",
      "--time": "optional",
      "--total": false,
    },
    operands: PATHS,
  },
  df: {
    flags: "ahHiklPT",
    values: { B: "text", t: "text", x: "text" },
    long: { "--human-readable": false, "--inodes": false, "--total": false, "--output": "optional" },
    operands: PATHS,
  },
  pwd: { flags: "LP", operands: [] },
  basename: {
    flags: "az",
    values: { s: "text" },
    long: { "--multiple": false, "--suffix": "text", "--zero": false },
    operands: ["text"],
  },
  dirname: { flags: "z", long: { "--zero": false }, operands: ["text"] },
  realpath: {
    flags: "emsqz",
    long: {
      "--canonicalize-existing": false,
      "--canonicalize-missing": false,
      "--no-symlinks": false,
      "--quiet": false,
      "--strip": false,
    },
    operands: PATHS,
  },
  readlink: { flags: "efmnqsz", long: { "--canonicalize": false, "--no-newline": false }, operands: PATHS },
  md5sum: SUM,
  sha1sum: SUM,
  sha224sum: SUM,
  sha256sum: SUM,
  sha384sum: SUM,
  sha512sum: SUM,
  b2sum: SUM,
  cksum: { operands: PATHS },
  date: {
    flags: "uR",
    values: { d: "text", r: "path" },
    long: {
      "--date": "text",
      "--iso-8601": "optional",
      "--reference": "path",
      "--rfc-3339": "text",
      "--rfc-email": false,
      "--universal": false,
      "--utc": false,
    },
    operands: ["text"],
    most: 1,
    also: (words) =>
      words.some(
        (word, at) =>
          !/^[-+]/.test(word) && !/^(?:-d|-r|--date|--reference|--rfc-3339)$/.test(words[at - 1] ?? ""),
      )
        ? 'date without "+" would set the clock.'
        : undefined,
  },
  which: { flags: "a", operands: ["text"] },
  uname: { flags: "asnrvmpio", long: { "--all": false }, operands: [] },
  nproc: { long: { "--all": false }, operands: [] },
  true: { operands: ["text"], plain: true },
  false: { operands: ["text"], plain: true },
};
