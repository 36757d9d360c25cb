// What is wrong, by its cause, with what to do: above the tags that show the effect.
import { useSignal } from '@preact/signals';
import type { Cause } from '../lib/causes';
import { plural, timeText } from '../lib/format';
import { Button } from './basic';

const SHOWN = 4;

export function CauseList({ causes }: { causes: Cause[] }) {
    const isWhole = useSignal(false);
    if (causes.length === 0) return null;
    const shown = isWhole.value || causes.length === SHOWN + 1 ? causes : causes.slice(0, SHOWN);
    return (
        <section class="causes" aria-label="What is wrong">
            <ul>
                {shown.map((cause) => (
                    <li key={cause.key} class={cause.level}>
                        <a href={cause.href} title={cause.title}>
                            {cause.title}
                        </a>{' '}
                        <span class="muted">
                            {cause.since && `since ${timeText(cause.since)}${cause.tags ? ', ' : ''}`}
                            {cause.tags > 0 && plural(cause.tags, 'tag')}
                        </span>
                        {cause.remedy && <p class="remedy">{cause.remedy}</p>}
                    </li>
                ))}
            </ul>
            {shown.length < causes.length && (
                <Button kind="quiet" onClick={() => (isWhole.value = true)}>
                    Show {plural(causes.length - shown.length, 'more cause', 'more causes')}
                </Button>
            )}
        </section>
    );
}
