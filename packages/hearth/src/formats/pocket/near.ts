/** Nearly the same word: a slip of one letter, or of two that changed places, in words of four letters or more. */
export function near(a: string, b: string): boolean {
  const x = a.toLowerCase();
  const y = b.toLowerCase();
  if (x === y) return true;
  if (Math.min(x.length, y.length) < 4 || Math.abs(x.length - y.length) > 1) return false;
  let i = 0;
  while (i < x.length && x[i] === y[i]) i++;
  const restX = x.slice(i);
  const restY = y.slice(i);
  if (restX.slice(1) === restY || restX === restY.slice(1) || restX.slice(1) === restY.slice(1)) return true;
  return restX[0] === restY[1] && restX[1] === restY[0] && restX.slice(2) === restY.slice(2);
}
