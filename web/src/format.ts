// Numbers, times and money in the reader's language.

export type Lang = 'en' | 'de' | 'ja';

const locale: Record<Lang, string> = { en: 'en', de: 'de', ja: 'ja' };

function cached(make: (lang: Lang) => Intl.NumberFormat) {
  const made = new Map<Lang, Intl.NumberFormat>();
  return (lang: Lang) => {
    let format = made.get(lang);
    if (!format) made.set(lang, (format = make(lang)));
    return format;
  };
}

const whole = cached((l) => new Intl.NumberFormat(locale[l], { maximumFractionDigits: 0 }));
const one = cached((l) => new Intl.NumberFormat(locale[l], { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
const two = cached((l) => new Intl.NumberFormat(locale[l], { minimumFractionDigits: 2, maximumFractionDigits: 2 }));
const percent = cached((l) => new Intl.NumberFormat(locale[l], { style: 'percent', maximumFractionDigits: 0 }));
const money = cached((l) => new Intl.NumberFormat(locale[l], { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 2 }));
const smallMoney = cached((l) => new Intl.NumberFormat(locale[l], { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 4 }));

export const formatWhole = (n: number, lang: Lang) => whole(lang).format(n);
export const formatPercent = (share: number, lang: Lang) => percent(lang).format(share);
/** 0.42, 12.4, 183: about three digits. */
export const formatRate = (n: number, lang: Lang) => (n === 0 ? '0' : n < 10 ? one(lang).format(n) : whole(lang).format(n));
export const formatLoad = (n: number, lang: Lang) => two(lang).format(n);

/** A decimal string in USD; cents, or four digits where it is less than a dollar. Empty for what is no number, or not known. */
export function formatUsd(text: string | null, lang: Lang): string {
  const value = Number(text);
  if (text === null || text === '' || Number.isNaN(value)) return '';
  return (Math.abs(value) < 1 ? smallMoney : money)(lang).format(value);
}

export function formatMemory(mb: number, lang: Lang): string {
  return mb >= 1024 ? `${(mb >= 10_240 ? whole : one)(lang).format(mb / 1024)} GB` : `${whole(lang).format(mb)} MB`;
}

/** 812 B, 4.2 kB, 64 MB; a kilobyte is 1,024 bytes, as hub and limits count. */
export function formatSize(bytes: number, lang: Lang): string {
  if (bytes < 1024) return `${whole(lang).format(bytes)} B`;
  const [size, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'kB'] : [bytes / (1024 * 1024), 'MB'];
  return `${(size < 10 ? one : whole)(lang).format(size)} ${unit}`;
}

/** 0:07, 12:05, 3:02:11. */
export function formatClock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const pad = (n: number) => String(n).padStart(2, '0');
  const head = s >= 3600 ? `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}` : String(Math.floor(s / 60));
  return `${head}:${pad(s % 60)}`;
}

const units: Record<Lang, { s: string; m: string; h: string; d: string }> = {
  en: { s: ' s', m: ' min', h: ' h', d: ' d' },
  de: { s: ' s', m: ' min', h: ' h', d: ' T' },
  ja: { s: '秒', m: '分', h: '時間', d: '日' },
};

/** Roughly: 8 s, 4 min, 2 h 10 min, 3 d. */
export function formatSpan(seconds: number, lang: Lang): string {
  const u = units[lang];
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}${u.s}`;
  const m = Math.round(s / 60);
  if (m < 60) return `${m}${u.m}`;
  const h = Math.floor(m / 60);
  if (h >= 48) return `${Math.floor(h / 24)}${u.d}`;
  const space = lang === 'ja' ? '' : ' ';
  return m % 60 === 0 ? `${h}${u.h}` : `${h}${u.h}${space}${m % 60}${u.m}`;
}

export function formatTime(at: number, lang: Lang): string {
  return new Intl.DateTimeFormat(locale[lang], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at);
}

/** Day and time in the reader's own zone: 22 Nov, 08:30. */
export function formatMoment(at: number, lang: Lang): string {
  return new Intl.DateTimeFormat(locale[lang], { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}
