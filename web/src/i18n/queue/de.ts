// Deutsche Wörter der Ansicht dessen, was wartet: Aufgaben, Zeitpläne, Flüsse.
import type { queue as english } from './en';

export const queue: typeof english = {
  title: 'Warteschlange',
  about: 'Was wartet und warum, was die Uhr einreichen wird, und wer sich die Flotte teilt.',
  tasks: {
    title: 'Wartende Aufgaben',
    none: 'Nichts wartet.',
    more: 'Mehr zeigen',
    open: (title) => `Warum ${title} wartet`,
    column: { task: 'Aufgabe', kind: 'Art', state: 'Zustand', since: 'Wartet seit', priority: 'Vorrang', batch: 'Stapel', project: 'Projekt' },
    ago: (span) => `vor ${span}`,
  },
  schedules: {
    title: 'Zeitpläne',
    none: 'Kein Zeitplan. `flotte schedule add` macht einen.',
    column: { name: 'Name', when: 'Wann', next: 'Nächstes Mal', last: 'Zuletzt', makes: 'Macht', state: 'Zustand' },
    state: { active: 'aktiv', paused: 'pausiert', broken: 'defekt' },
    outcome: { made: 'eingereicht', skipped: 'übersprungen', missed: 'versäumt', failed: 'gescheitert' },
    task: 'eine Aufgabe',
    batch: (n) => `einen Stapel von ${n}`,
    never: 'nie',
    run: 'Jetzt ausführen',
    pause: 'Pausieren',
    resume: 'Fortsetzen',
    ran: (name) => `${name} wurde ausgeführt.`,
  },
  flows: {
    title: 'Flüsse',
    about: 'Aufgaben, die dasselbe von einem Mitarbeiter brauchen, warten in einer Reihe. Eine pausierte Reihe beginnt nichts.',
    none: 'Keine Reihe.',
    column: { id: 'Fluss', owner: 'Von', needs: 'Braucht', ready: 'Bereit', running: 'Laufen', state: 'Zustand' },
    state: { running: 'läuft', ready: 'bereit', paused: 'pausiert', waiting: 'wartet', idle: 'leer' },
    by: { batch: 'mit dem Stapel', person: 'von Hand', project: 'mit dem Projekt' },
    why: { quota: 'ein Kontingent ist verbraucht', outage: 'niemand ist erreichbar', limits: 'Grenzen sind ausgeschöpft', ramp: 'läuft langsam wieder an' },
    until: (time) => `bis ${time}`,
    seats: (key, used, limit) => `${key}: ${used} von ${limit}`,
    anybody: 'irgendwen',
    pause: 'Pausieren',
    resume: 'Fortsetzen',
  },
};
