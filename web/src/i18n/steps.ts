// The steps that workers report are short English words; those that flotte itself says are shown in the reader's language.
import { t } from './index';

export function stepInWords(step: string): string {
  const words = t().steps;
  const part = /^part (\d+) of (\d+)$/.exec(step);
  if (part) return words.part(part[1]!, part[2]!);
  switch (step) {
    case 'reading':
      return words.reading;
    case 'asking':
      return words.asking;
    case 'running':
      return words.running;
    case 'putting the parts together':
      return words.joining;
    default:
      return step;
  }
}
