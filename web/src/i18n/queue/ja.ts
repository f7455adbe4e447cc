// 待っているもの(タスク、スケジュール、フロー)の画面の日本語。
import type { queue as english } from './en';

export const queue: typeof english = {
  title: 'キュー',
  about: '待っているものとその理由、時刻で投入されるもの、フリートを分け合う列を表示します。',
  tasks: {
    title: '待機中のタスク',
    none: '待っているものはありません。',
    more: 'さらに表示',
    open: (title) => `${title} が待っている理由`,
    column: { task: 'タスク', kind: '種類', state: '状態', since: '待機開始', priority: '優先度', batch: 'バッチ', project: 'プロジェクト' },
    ago: (span) => `${span}前`,
  },
  schedules: {
    title: 'スケジュール',
    none: 'スケジュールはありません。`flotte schedule add` で作成できます。',
    column: { name: '名前', when: '時期', next: '次回', last: '前回', makes: '作成するもの', state: '状態' },
    state: { active: '有効', paused: '一時停止', broken: '故障' },
    outcome: { made: '投入済み', skipped: 'スキップ', missed: '見送り', failed: '失敗' },
    task: 'タスク 1 件',
    batch: (n) => `${n} 件のバッチ`,
    never: 'なし',
    run: '今すぐ実行',
    pause: '一時停止',
    resume: '再開',
    ran: (name) => `${name} を実行しました。`,
  },
  flows: {
    title: 'フロー',
    about: 'ワーカーに同じものを求めるタスクは一つの列で待ちます。一時停止した列は何も始めません。',
    none: '列はありません。',
    column: { id: 'フロー', owner: '所有者', needs: '必要なもの', ready: '準備済み', running: '実行中', state: '状態' },
    state: { running: '実行中', ready: '準備済み', paused: '一時停止', waiting: '待機', idle: '空き' },
    by: { batch: 'バッチごと', person: '手動', project: 'プロジェクトごと' },
    why: { quota: '割り当てを使い切りました', outage: '誰にも届きません', limits: '上限に達しています', ramp: 'ゆっくり再開中' },
    until: (time) => `${time} まで`,
    seats: (key, used, limit) => `${key}: ${limit} 中 ${used}`,
    anybody: '誰でも',
    pause: '一時停止',
    resume: '再開',
  },
};
