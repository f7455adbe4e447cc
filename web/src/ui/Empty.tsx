// What to do next, where there is nothing to see yet.
import { t } from '../i18n';
import { Copy } from './Copy';

export function NoEngine() {
  return (
    <section class="card empty">
      <h2>{t().empty.engineTitle}</h2>
      <p>{t().empty.engineText}</p>
      <p>{t().empty.engineGguf}</p>
      <Copy text="~/.local/share/flotte/models/" />
      <p>{t().empty.engineOllama}</p>
      <p>{t().empty.engineNode}</p>
      <Copy text="flotte node invite" />
    </section>
  );
}

export function NoWork() {
  return (
    <section class="card empty">
      <h2>{t().empty.workTitle}</h2>
      <p>{t().empty.workAsk}</p>
      <Copy text={`flotte ask "${t().empty.question}"`} />
      <p>{t().empty.workBatch}</p>
      <Copy text={`flotte batch run samples --prompt "${t().empty.prompt}"`} />
    </section>
  );
}
