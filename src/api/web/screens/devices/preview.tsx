// What the newest message would write with the settings of the form, while they are typed.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pathOf, Problem, request } from '../../lib/api';
import { tableWords, timeText, valueText } from '../../lib/format';
import { errorWords, wordsOf } from '../../lib/remedies';
import { linkTo } from '../../lib/router';
import type { Table, Warning } from '../../lib/types';
import { Card, Facts, Loading } from '../../ui/basic';

interface PreviewAnswer {
    message: { topic: string; at: string; retained: boolean; payload: string; encoding: string; bytes: number } | null;
    key: string;
    found: boolean;
    json?: unknown;
    matched?: string | null; // what the pattern takes out of it
    read?: unknown; // what the value map makes of it
    value: number | string | boolean | null;
    raw: number[];
    hex: string[];
    is_on_stale: boolean;
    unit_id: number;
    server: string | null;
    table?: Table;
    address?: number;
    modicon?: string;
    is_new_address: boolean;
    error: { code: string; detail: string } | null;
    warnings?: Warning[];
}

const previewWords: Record<string, { title: string; remedy: string }> = {
    no_message: { title: 'No message of this topic was heard yet', remedy: 'Check the topic, or wait for a message. Learn can listen to any topic.' },
    payload_cut: { title: 'The message is longer than what is kept of it', remedy: 'Learn the topic: a discovery keeps more of it.' },
    key_not_found: { title: 'The message does not have this key', remedy: 'Compare it with the message below. Capital letters matter.' },
    no_values: { title: 'This tag takes no value from messages', remedy: 'Its direction is Modbus to MQTT, or it is a constant.' },
};

const DELAY_MS = 300;

// Waits until nothing was typed for a moment, and drops answers that come too late.
function usePreview(body: unknown) {
    const state = useSignal<{ answer: PreviewAnswer | null; problem: Problem | null; busy: boolean }>({ answer: null, problem: null, busy: true });
    const text = JSON.stringify(body);
    useEffect(() => {
        const abort = new AbortController();
        state.value = { ...state.value, busy: true };
        const timer = setTimeout(async () => {
            try {
                const { body: answer } = await request<PreviewAnswer>('POST', pathOf('discoveries', 'preview'), { body: text, signal: abort.signal });
                state.value = { answer, problem: null, busy: false };
            } catch (error) {
                if (abort.signal.aborted) return;
                const problem = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
                state.value = { answer: state.value.answer, problem, busy: false };
            }
        }, DELAY_MS);
        return () => {
            clearTimeout(timer);
            abort.abort();
        };
    }, [text]);
    return state.value;
}

function Payload({ message }: { message: NonNullable<PreviewAnswer['message']> }) {
    return (
        <details class="more" open>
            <summary>
                Message of {timeText(message.at)}
                {message.retained && ', retained'}
            </summary>
            <p class="help wrap">{message.topic}</p>
            <pre class="payload" tabIndex={0} aria-label="Payload">
                {message.payload}
            </pre>
        </details>
    );
}

function Outcome({ answer }: { answer: PreviewAnswer }) {
    const { error } = answer;
    if (error) {
        const words = previewWords[error.code] ?? wordsOf(errorWords, error.code);
        return (
            <div class="note warning">
                <p>
                    <strong>{words.title}.</strong> {error.detail}
                </p>
                {words.remedy && <p>{words.remedy}</p>}
            </div>
        );
    }
    return (
        <p class="preview-value">
            <span class="value">{valueText(answer.value)}</span>
            {answer.is_on_stale && <span class="muted"> what a stale value has</span>}
        </p>
    );
}

export function PreviewCard({ body }: { body: unknown }) {
    const { answer, problem, busy } = usePreview(body);
    return (
        <Card title="Preview" class="preview" actions={<span class="muted">{busy ? 'reading' : ''}</span>}>
            <div aria-live="polite">
                {problem && (
                    <div class="note warning">
                        {problem.errors.length ? (
                            problem.errors.slice(0, 5).map((fault, index) => (
                                <p key={index}>
                                    <code>{fault.pointer?.replace(/^\/tag\//, '').replaceAll('/', '.')}</code> {fault.detail}
                                </p>
                            ))
                        ) : (
                            <p>{problem.message}</p>
                        )}
                    </div>
                )}
                {!answer && !problem && <Loading />}
                {answer && !problem && (
                    <>
                        <Outcome answer={answer} />
                        <Facts
                            items={[
                                ['In the message', answer.found ? <code class="wrap">{JSON.stringify(answer.json)?.slice(0, 300)}</code> : 'not found'],
                                ...(answer.matched === undefined || answer.matched === null ? [] : [['The pattern takes', <code class="wrap">{answer.matched}</code>] as [string, preact.ComponentChildren]]),
                                ...(answer.read === undefined || answer.read === null || answer.read === answer.json ? [] : [['Read as', <code class="wrap">{String(answer.read)}</code>] as [string, preact.ComponentChildren]]),
                                ['Registers', answer.hex.length ? <code>{answer.hex.join(' ').toLowerCase()}</code> : 'none'],
                                [
                                    'Address',
                                    answer.table ? (
                                        <>
                                            {tableWords[answer.table]} {answer.address} ({answer.modicon}), unit {answer.unit_id}
                                            {answer.server && `, ${answer.server}`}
                                            {answer.is_new_address && <span class="muted"> would be given</span>}
                                        </>
                                    ) : (
                                        'none yet'
                                    ),
                                ],
                            ]}
                        />
                        {answer.warnings?.map((warning, index) => (
                            <p key={index} class="note warning">
                                {warning.detail}
                            </p>
                        ))}
                        {answer.message ? <Payload message={answer.message} /> : <a href={linkTo('learn')}>Learn what the broker has</a>}
                    </>
                )}
            </div>
        </Card>
    );
}
