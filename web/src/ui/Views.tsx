// From one view of the cockpit to another.
import { For } from 'solid-js';
import { t } from '../i18n';

const views = [
  ['/', 'board'],
  ['/tasks', 'queue'],
  ['/requests', 'requests'],
  ['/usage', 'usage'],
] as const;

export function Views() {
  return (
    <nav class="views" aria-label={t().sight.views.label}>
      <For each={views}>
        {([path, name]) => (
          <a href={path} aria-current={location.pathname === path ? 'page' : undefined}>
            {t().sight.views[name]}
          </a>
        )}
      </For>
    </nav>
  );
}
