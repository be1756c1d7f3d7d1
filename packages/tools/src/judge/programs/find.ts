import { judgePathWord, judgeValue, type Kind, type Program } from "../options.ts";

/** Tests and actions that only look; the number of words each takes, by kind. `-exec`, `-delete`, `-fprint`, `-ok` are not among them. */
const WORDS: Readonly<Record<string, readonly Kind[]>> = {
  "-name": ["text"],
  "-iname": ["text"],
  "-path": ["text"],
  "-ipath": ["text"],
  "-wholename": ["text"],
  "-regex": ["text"],
  "-iregex": ["text"],
  "-regextype": ["text"],
  "-type": ["text"],
  "-xtype": ["text"],
  "-maxdepth": ["number"],
  "-mindepth": ["number"],
  "-size": ["number"],
  "-mtime": ["number"],
  "-mmin": ["number"],
  "-atime": ["number"],
  "-amin": ["number"],
  "-ctime": ["number"],
  "-cmin": ["number"],
  "-links": ["number"],
  "-newer": ["path"],
  "-anewer": ["path"],
  "-cnewer": ["path"],
  "-newermt": ["text"],
  "-samefile": ["path"],
  "-perm": ["text"],
  "-user": ["text"],
  "-group": ["text"],
  "-printf": ["text"],
  "-empty": [],
  "-executable": [],
  "-readable": [],
  "-writable": [],
  "-print": [],
  "-print0": [],
  "-ls": [],
  "-prune": [],
  "-quit": [],
  "-depth": [],
  "-mount": [],
  "-xdev": [],
  "-daystart": [],
  "-nouser": [],
  "-nogroup": [],
  "-true": [],
  "-false": [],
  "-o": [],
  "-or": [],
  "-a": [],
  "-and": [],
  "-not": [],
  "!": [],
  "(": [],
  ")": [],
  ",": [],
};

export const find: Program = {
  operands: ["path"],
  own(words, context) {
    let at = 0;
    while (words[at] === "-P") at++;
    for (; at < words.length && !/^[-!(),]/.test(words[at]!); at++) {
      const fault = judgePathWord(words[at]!, context);
      if (fault !== undefined) return fault;
    }
    while (at < words.length) {
      const word = words[at++]!;
      const kinds = Object.hasOwn(WORDS, word) ? WORDS[word]! : undefined;
      if (kinds === undefined)
        return `The test or action ${word.slice(0, 40)} of find is not on the list of those that only look.`;
      for (const kind of kinds) {
        const fault = judgeValue(words[at++], kind, `${word} of find`, context);
        if (fault !== undefined) return fault;
      }
    }
    return undefined;
  },
};
