// Small parts of which all screens are made.
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { qualityWords, reasonText, shortReasonText } from '../lib/format';
import { place } from '../lib/router';
import type { Problem } from '../lib/api';
import type { Quality } from '../lib/types';

interface ButtonProps extends Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'loading' | 'autofocus' | 'ref'> {
    kind?: 'plain' | 'primary' | 'danger' | 'quiet';
    busy?: boolean;
    autofocus?: boolean;
}

// A button. While `busy` it cannot be pressed again. With `autofocus` it takes the focus when it appears, in
// a dialog that is open already, too.
export function Button({ kind = 'plain', busy = false, disabled, autofocus, children, ...rest }: ButtonProps) {
    const element = useRef<HTMLButtonElement>(null);
    useLayoutEffect(() => {
        if (autofocus) element.current!.focus();
    }, []);
    return (
        <button type="button" {...rest} ref={element} autofocus={autofocus} class={`button ${kind} ${rest.class ?? ''}`} disabled={Boolean(disabled) || busy} aria-busy={busy}>
            {children}
        </button>
    );
}

// The quality as colour, word and reason. `narrow`: the reason in few words, for a row of a table; `short`
// leaves it to the tooltip.
export function QualityMark({ quality, reason, short = false, narrow = false, gateway }: { quality: Quality; reason?: string | null; short?: boolean; narrow?: boolean; gateway?: string | null }) {
    const why = reasonText(reason, gateway);
    return (
        <span class={`quality ${quality}`} title={why || undefined}>
            <span class="dot" aria-hidden="true" />
            <span class="word">{qualityWords[quality]}</span>
            {why && !short && <span class="why">{narrow ? shortReasonText(reason!, gateway) : why}</span>}
        </span>
    );
}

// A page, then `whole`, or a part of it that has nothing to show, with what to do next.
export function Empty({ title, whole = false, children }: { title: string; whole?: boolean; children?: ComponentChildren }) {
    return (
        <div class="empty">
            {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
            {children}
        </div>
    );
}

export function Card({ title, actions, children, ...rest }: { title?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; class?: string }) {
    return (
        <section class={`card ${rest.class ?? ''}`}>
            {(title || actions) && (
                <header>
                    <h2>{title}</h2>
                    <div class="actions">{actions}</div>
                </header>
            )}
            {children}
        </section>
    );
}

// A list of names and values, aligned.
export function Facts({ items }: { items: [ComponentChildren, ComponentChildren][] }) {
    return (
        <dl class="facts">
            {items.map(([name, value], index) => (
                <div key={index}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}

// The screen that is shown, at the gateway where the configuration is changed.
export function LeaderLink({ url }: { url: string }) {
    void place.value;
    if (!/^https?:\/\/[^/]/i.test(url)) return <code>{url}</code>;
    return (
        <a class="wrap" href={url.replace(/\/*$/, '/') + location.hash} rel="noreferrer">
            {url}
        </a>
    );
}

// A refused request in words, with the faults that no field shows itself.
export function ProblemNote({ problem, faults = problem?.errors }: { problem: Problem | null | undefined; faults?: Problem['errors'] }) {
    if (!problem) return null;
    return (
        <div class="note wrong" role="alert">
            <p>{problem.message}</p>
            {problem.leader && (
                <p>
                    This screen at the leader: <LeaderLink url={problem.leader} />
                </p>
            )}
            {faults && faults.length > 0 && (
                <ul>
                    {faults.slice(0, 50).map((fault, index) => (
                        <li key={index}>
                            <code>{fault.pointer ?? [fault.row !== undefined && `row ${fault.row}`, fault.column].filter(Boolean).join(', ')}</code> {fault.detail}
                        </li>
                    ))}
                    {faults.length > 50 && <li>and {faults.length - 50} more</li>}
                </ul>
            )}
        </div>
    );
}

export function Note({ kind = 'plain', children }: { kind?: 'plain' | 'good' | 'warning' | 'wrong'; children: ComponentChildren }) {
    return (
        <div class={`note ${kind}`} role={kind === 'wrong' ? 'alert' : 'status'}>
            {children}
        </div>
    );
}

export function Loading({ what = 'Reading' }: { what?: string }) {
    return <p class="loading">{what} …</p>;
}

// Without `done` the end is not known.
export function Progress({ done, total, label }: { done?: number; total?: number; label: string }) {
    return (
        <label class="progress">
            {label}
            <progress {...(done === undefined ? {} : { max: total, value: done })} />
        </label>
    );
}

// Links that switch between parts of a screen.
export function Tabs({ items, current }: { items: { id: string; title: string; link: string }[]; current: string }) {
    return (
        <nav class="tabs" aria-label="Parts of this screen">
            {items.map((item) => (
                <a key={item.id} href={item.link} aria-current={item.id === current ? 'page' : undefined}>
                    {item.title}
                </a>
            ))}
        </nav>
    );
}

// The heading of a screen with its buttons.
export function Heading({ title, children }: { title: ComponentChildren; children?: ComponentChildren }) {
    return (
        <div class="heading">
            <h1>{title}</h1>
            <div class="actions">{children}</div>
        </div>
    );
}
