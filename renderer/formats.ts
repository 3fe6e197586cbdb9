// Owns how figures, times and hashes are written for a person. Pure: the clock and the language come in.

const language = () => (typeof navigator === 'undefined' ? 'en' : knownLocale(navigator.language));

/** A locale that Intl takes: a browser under LANG=C calls itself `en-US@posix`, which throws. */
export function knownLocale(name: string): string {
  const plain = name.replace(/[@.].*$/, '').replaceAll('_', '-');
  try {
    return Intl.getCanonicalLocales(plain)[0] ?? 'en';
  } catch {
    // Not a language tag at all.
    return 'en';
  }
}

/** A count in the system's format. */
export function count(value: number, locale: string = language()): string {
  return value.toLocaleString(locale);
}

/** "1 item", "4 items": the noun takes its plural s, or the plural that is given. */
export function counted(value: number, noun: string, plural = `${noun}s`, locale: string = language()): string {
  return `${count(value, locale)} ${value === 1 ? noun : plural}`;
}

/** A fraction as a percentage: 0.05 is "5 %", with a space that no line breaks at. */
export function percent(fraction: number, locale: string = language()): string {
  return `${(fraction * 100).toLocaleString(locale, { maximumFractionDigits: 4 })}\u00a0%`;
}

/** Bytes in the unit a person would use, decimal: 1,234,567 is "1.2 MB". */
export function bytes(value: number, locale: string = language()): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const digits = power === 0 ? 0 : 1;
  return `${(value / 1000 ** power).toLocaleString(locale, { maximumFractionDigits: digits })} ${units[power]}`;
}

/** The first and last hex digits of a hash: "91bb…07". Short texts stay whole. */
export function shortHash(hash: string): string {
  return hash.length <= 10 ? hash : `${hash.slice(0, 4)}…${hash.slice(-2)}`;
}

/** A value of an item as a cell shows it; whole numbers are grouped, texts stay as they are. */
export function cell(value: string | number | boolean | null | undefined, locale: string = language()): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return value.toLocaleString(locale, { maximumFractionDigits: 12 });
  return String(value);
}

/** True when a cell belongs at the right: numbers, and decimals that came as text. */
export function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d{1,30}(\.\d+)?$/.test(value));
}

/** How long something took or lasts: "under 1 s", "42 s", "3 min 5 s", "2 h 10 min". */
export function duration(elapsedMs: number): string {
  const seconds = Math.round(elapsedMs / 1000);
  if (seconds < 1) return 'under 1 s';
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A length that may be months: from two days on in days and hours. */
export function longDuration(elapsedMs: number): string {
  if (elapsedMs < 2 * dayMs) return duration(elapsedMs);
  const hours = Math.floor((elapsedMs % dayMs) / hourMs);
  const days = counted(Math.floor(elapsedMs / dayMs), 'day');
  return hours === 0 ? days : `${days} ${hours} h`;
}

/** The time of day: "14:02". */
export function clockTime(iso: string, locale: string = language(), timeZone?: string): string {
  return new Date(iso).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hour12: false, timeZone });
}

/** The whole time with its zone, for a tooltip. */
export function exactTime(iso: string, locale: string = language(), timeZone?: string): string {
  return new Date(iso).toLocaleString(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
    timeZoneName: 'short',
    timeZone,
  });
}

/** A day without its time: "18 Nov", with the year when it is not this one. */
export function day(iso: string, now: number, locale: string = language(), timeZone?: string): string {
  const date = new Date(iso);
  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : ('numeric' as const);
  return new Intl.DateTimeFormat(locale.startsWith('en') ? 'en-GB' : locale, {
    day: 'numeric',
    month: 'short',
    year,
    timeZone,
  }).format(date);
}

/** Relative up to a day ("12 min ago"), then the day and time ("18 Nov 16:20"). */
export function pastTime(iso: string, now: number, locale: string = language(), timeZone?: string): string {
  const ago = now - Date.parse(iso);
  if (ago < minuteMs) return 'just now';
  if (ago < hourMs) return `${Math.floor(ago / minuteMs)} min ago`;
  if (ago < dayMs) return `${Math.floor(ago / hourMs)} h ago`;
  return `${day(iso, now, locale, timeZone)} ${clockTime(iso, locale, timeZone)}`;
}

/** How old something is: "84 min", "5 h", "1 day". */
export function age(iso: string, now: number): string {
  const ago = Math.max(0, now - Date.parse(iso));
  if (ago < minuteMs) return 'now';
  if (ago < 2 * hourMs) return `${Math.floor(ago / minuteMs)} min`;
  if (ago < dayMs) return `${Math.floor(ago / hourMs)} h`;
  return counted(Math.floor(ago / dayMs), 'day');
}

/** When something is due: "2 days late", "today 18:00", "Fri 27 Nov". `late` for what has passed. */
export function dueTime(
  iso: string,
  now: number,
  locale: string = language(),
  timeZone?: string,
): { text: string; late: boolean } {
  const due = Date.parse(iso);
  if (due < now) {
    const late = now - due;
    if (late < hourMs) return { text: `${Math.max(1, Math.floor(late / minuteMs))} min late`, late: true };
    if (late < dayMs) return { text: `${Math.floor(late / hourMs)} h late`, late: true };
    return { text: `${counted(Math.floor(late / dayMs), 'day')} late`, late: true };
  }
  const sameDay = day(iso, now, locale, timeZone) === day(new Date(now).toISOString(), now, locale, timeZone);
  if (sameDay) return { text: `today ${clockTime(iso, locale, timeZone)}`, late: false };
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone }).format(new Date(iso));
  return { text: `${weekday} ${day(iso, now, locale, timeZone)}`, late: false };
}

const isoTimes = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** A sentence with the UTC times in it as a person reads them: "due 2026-11-27T17:00:00.000Z" becomes "due 27 Nov 18:00". */
export function localTimes(text: string, now: number, locale: string = language(), timeZone?: string): string {
  return text.replace(isoTimes, (iso) => `${day(iso, now, locale, timeZone)}\u00a0${clockTime(iso, locale, timeZone)}`);
}

/** How much time there is: 172,800 s are "2 days"; what is no whole number of days is told in hours, minutes or seconds. */
export function span(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  const fits = units.find(([size]) => seconds >= size && seconds % size === 0);
  return fits ? counted(seconds / fits[0], fits[1]) : counted(seconds, 'second');
}
