// What the simulated fleet reads and writes: names as in samples/, and sentences that such a summary could have.

export const documents = [
  { name: 'en/incident-freezer-alarm.md', lang: 'en' },
  { name: 'de/protokoll-werkstatt.md', lang: 'de' },
  { name: 'ja/週次会議メモ.md', lang: 'ja' },
  { name: 'en/network-plan.html', lang: 'en' },
  { name: 'en/operations-handbook.md', lang: 'en' },
  { name: 'de/pruefbericht-kalibrierung.pdf', lang: 'de' },
  { name: 'en/letter-late-delivery.txt', lang: 'en' },
  { name: 'ja/障害報告-冷蔵庫.html', lang: 'ja' },
  { name: 'en/postmortem-backup-restore.md', lang: 'en' },
  { name: 'de/angebot-lagerregal.txt', lang: 'de' },
  { name: 'en/release-notes-5.2.md', lang: 'en' },
  { name: 'ja/仕様書-記録装置.pdf', lang: 'ja' },
  { name: 'en/inventory-spring-count.md', lang: 'en' },
  { name: 'de/brief-lieferverzug.txt', lang: 'de' },
];

const sentences = {
  en: [
    'The alarm went off at 04:12 and was acknowledged nine minutes later by the night shift.',
    'Two freezers had shared one breaker since the move, which nobody had written down.',
    'The team agreed to check every label against the plan before the end of the month.',
    'Deliveries that arrive after noon are counted on the following day.',
    'Restoring the backup took four hours, three of which went into finding the right disk.',
    'No data was lost, but the report names two steps that had only ever been done by one person.',
    'The new gateway goes into the upper rack; the old one stays as a spare until summer.',
  ],
  de: [
    'Die Werkstatt bleibt am Freitag ab zwölf Uhr geschlossen, weil die Anlage gewartet wird.',
    'Der Messwert lag in drei von vier Durchgängen innerhalb der Toleranz.',
    'Für die Nachlieferung wurde ein neuer Termin in der zweiten Woche vereinbart.',
    'Das Regal trägt je Boden höchstens achtzig Kilogramm, gleichmäßig verteilt.',
    'Offen ist, wer die Schlüssel verwaltet, solange Frau Brandt im Urlaub ist.',
    'Die Ursache war ein loser Stecker, der bei der letzten Prüfung übersehen wurde.',
  ],
  ja: [
    '冷蔵庫の警報は午前四時十二分に鳴り、夜勤が九分後に確認しました。',
    '次回の会議では、棚卸しの手順を見直すことになりました。',
    '記録装置の電池は二年ごとに交換し、交換日を台帳に記入します。',
    '納品が遅れた原因は、輸送会社との連絡が一日途切れたことでした。',
    '復旧までに四時間かかりましたが、データの損失はありませんでした。',
  ],
};

/** A summary in that language, as the pieces in which it is streamed. */
export function pieces(lang, luck) {
  const lines = sentences[lang];
  const text = Array.from({ length: luck.whole(5, 11) }, () => luck.pick(lines));
  return lang === 'ja' ? text.join('').match(/.{1,2}/gu) : text.join(' ').match(/\s?\S{1,6}/g);
}
