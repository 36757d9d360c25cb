// The state of the gateway in the head of the page: one calm word if all is well, else what is wrong.
import { useEffect } from 'preact/hooks';
import { partsDown, partSentence, partWords, readiness, readReadiness } from '../lib/parts';
import { linkTo } from '../lib/router';
import { usePolled } from './use';

const EVERY_MS = 3000;

export function StateMark() {
    const { data, problem } = usePolled(readReadiness, EVERY_MS, []);
    useEffect(() => {
        readiness.value = problem ? null : data;
    }, [data, problem]);
    // Without an answer the banner of the page says so.
    const down = problem || !data ? null : partsDown(data);
    return (
        <span role="status">
            {down?.length === 0 && (
                <a class="state good" href={linkTo('system')} title="All parts of the gateway work">
                    <span class="dot" aria-hidden="true" /> running
                </a>
            )}
            {down && down.length > 0 && (
                <a class="state bad" href={linkTo('system')} title={down.map(([name, part]) => [partSentence(name, part), part.detail].filter(Boolean).join(': ')).join('\n')}>
                    <span class="dot" aria-hidden="true" />
                    <span class="words">{down.length === 1 ? partSentence(...down[0]!) : `${down.length} parts do not work: ${down.map(([name]) => partWords[name] ?? name).join(', ')}`}</span>
                </a>
            )}
        </span>
    );
}
