/** A moment as `strftime` shows it: wall-clock fields, and the zone where it is known. */
export interface Moment {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?)?/;

/** An ISO 8601 time is taken as it stands, zone aside; a Date is shown in the local zone, as `datetime.now()` is. */
export function momentOf(clock: string | Date): Moment {
  const match = typeof clock === "string" ? ISO.exec(clock) : null;
  if (match !== null) {
    const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0"] = match;
    return {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      microsecond: Number(fraction.padEnd(6, "0")),
    };
  }
  const date = new Date(clock);
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    microsecond: date.getMilliseconds() * 1000,
  };
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const two = (n: number): string => String(n).padStart(2, "0");
const DAY_MS = 86_400_000;

/** `datetime.strftime` in the C locale with glibc's extensions (`%-d`, `%e`, `%P`). */
export function strftime(moment: Moment, format: string): string {
  const utc = Date.UTC(2000, moment.month - 1, moment.day) + yearShift(moment);
  const weekday = new Date(utc).getUTCDay();
  const dayOfYear = Math.round((utc - new Date(utc).setUTCMonth(0, 1)) / DAY_MS);
  const hour12 = moment.hour % 12 || 12;
  const [isoYear, isoWeek] = isoWeekOf(utc);
  const fields: Record<string, () => string> = {
    a: () => DAYS[weekday]!.slice(0, 3),
    A: () => DAYS[weekday]!,
    b: () => MONTHS[moment.month - 1]!.slice(0, 3),
    h: () => MONTHS[moment.month - 1]!.slice(0, 3),
    B: () => MONTHS[moment.month - 1]!,
    c: () => strftime(moment, "%a %b %e %H:%M:%S %Y"),
    C: () => two(Math.floor(moment.year / 100)),
    d: () => two(moment.day),
    D: () => strftime(moment, "%m/%d/%y"),
    e: () => String(moment.day).padStart(2, " "),
    f: () => String(moment.microsecond).padStart(6, "0"),
    F: () => strftime(moment, "%Y-%m-%d"),
    g: () => two(isoYear % 100),
    G: () => String(isoYear),
    H: () => two(moment.hour),
    I: () => two(hour12),
    j: () => String(dayOfYear + 1).padStart(3, "0"),
    k: () => String(moment.hour).padStart(2, " "),
    l: () => String(hour12).padStart(2, " "),
    m: () => two(moment.month),
    M: () => two(moment.minute),
    n: () => "\n",
    p: () => (moment.hour < 12 ? "AM" : "PM"),
    P: () => (moment.hour < 12 ? "am" : "pm"),
    r: () => strftime(moment, "%I:%M:%S %p"),
    R: () => strftime(moment, "%H:%M"),
    s: () => String(Math.floor(localTime(moment) / 1000)),
    S: () => two(moment.second),
    t: () => "\t",
    T: () => strftime(moment, "%H:%M:%S"),
    u: () => String(weekday || 7),
    U: () => two(Math.floor((dayOfYear + 7 - weekday) / 7)),
    V: () => two(isoWeek),
    w: () => String(weekday),
    W: () => two(Math.floor((dayOfYear + 7 - ((weekday + 6) % 7)) / 7)),
    x: () => strftime(moment, "%m/%d/%y"),
    X: () => strftime(moment, "%H:%M:%S"),
    y: () => two(moment.year % 100),
    Y: () => String(moment.year),
    z: () => "",
    Z: () => "",
    "%": () => "%",
  };
  return format.replace(/%([-_0^#]?)([a-zA-Z%])/g, (whole, flag: string, name: string) => {
    const text = fields[name]?.();
    if (text === undefined) return whole;
    if (flag === "-") return text.replace(/^[0 ]+(?=\d)/, "");
    if (flag === "_") return text.replace(/^0+(?=\d)/, (zeros) => " ".repeat(zeros.length));
    if (flag === "0") return text.replace(/^ +(?=\d)/, (blanks) => "0".repeat(blanks.length));
    return flag === "^" || flag === "#" ? text.toUpperCase() : text;
  });
}

/** From 2000 to the moment's year, in whole days. */
function yearShift(moment: Moment): number {
  const date = new Date(0);
  date.setUTCFullYear(moment.year, moment.month - 1, moment.day);
  return date.getTime() - Date.UTC(2000, moment.month - 1, moment.day);
}

const localTime = (moment: Moment): number =>
  new Date(moment.year, moment.month - 1, moment.day, moment.hour, moment.minute, moment.second).getTime();

function isoWeekOf(utc: number): [year: number, week: number] {
  const date = new Date(utc);
  const thursday = new Date(utc + (4 - (date.getUTCDay() || 7)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  return [year, Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1];
}
