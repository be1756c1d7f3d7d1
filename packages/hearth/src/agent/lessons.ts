/** What the loop itself says in the user's place. Kept apart from the user's own words, which a summary keeps. */
export const LESSONS = {
  empty: "Your answer was empty. Answer in words, or call a tool.",
  thinkingOnly: "You only thought. Now answer in words, or call a tool.",
  noRoom:
    "Your answer used all its room before it said anything. Answer at once and briefly, or call one tool.",
  cut: "Your answer was cut off. Give it again from its beginning, as briefly as you can.",
  goOn: "You were stopped before you were done. Go on with the task.",
} as const;

export function loopLesson(name: string, count: number, what: string): string {
  return `You have called ${name} ${count} times and learned nothing new: the result does not change. ${what}`;
}

const STARTS = [...Object.values(LESSONS), "You have called "];

/** Whether these words are the loop's own. */
export function isLesson(text: string): boolean {
  return STARTS.some((start) => text.startsWith(start));
}
