// What became of a message, in words.
import { errorWords, outcomeWords, wordsOf, type Remedy } from '../lib/remedies';
import { capitalText, plural } from '../lib/format';
import type { Message } from '../lib/types';

export type Verdict = 'good' | 'warning' | 'wrong';

const refusedOutcomes = new Set(['not_json', 'too_large', 'old', 'unknown_availability', 'not_sparkplug', 'no_birth']);

export function isRefused(message: Message): boolean {
    return message.rejected > 0 || refusedOutcomes.has(message.outcome);
}

// The tags of the topic that found nothing in the message.
export function missedTags(message: Message): number {
    return message.outcome === 'taken' ? Math.max(0, message.tags - message.written - message.rejected - message.held) : 0;
}

export function verdictOf(message: Message): Verdict {
    if (message.rejected > 0 || ['not_json', 'too_large', 'not_sparkplug'].includes(message.outcome)) return 'wrong';
    if (message.outcome !== 'taken' || missedTags(message) > 0) return 'warning';
    return 'good';
}

// One line: "2 written, 1 refused: the number does not fit into the type (small)".
export function outcomeLine(message: Message): string {
    if (message.outcome !== 'taken') return outcomeLabel(message.outcome);
    if (message.tags === 0) return 'availability of the device';
    const parts: string[] = [];
    if (message.written) parts.push(`${message.written} written`);
    if (message.rejected) parts.push(`${message.rejected} refused${message.error ? `: ${errorLine(message)}` : ''}`);
    if (message.held) parts.push(`${message.held} held`);
    const missed = missedTags(message);
    if (missed) parts.push(missed === message.tags ? 'no tag found its key' : `${plural(missed, 'tag')} without a value`);
    return parts.join(', ');
}

function errorLine(message: Message): string {
    const { code, tag } = message.error!;
    return `${wordsOf(errorWords, code).title}${tag ? ` (${tag})` : ''}`;
}

export function outcomeLabel(outcome: string): string {
    return wordsOf(outcomeWords, outcome).title;
}

// Everything that there is to say, each with what to do.
export function explain(message: Message): Remedy[] {
    const found: Remedy[] = [];
    if (message.outcome !== 'taken') found.push({ ...wordsOf(outcomeWords, message.outcome), title: capitalText(outcomeLabel(message.outcome)) });
    else if (message.tags === 0) found.push({ title: 'Availability of the device', text: 'The message came on the availability topic of the device. The newest of those on this topic counts: while it says unavailable, the device is bad.' });
    if (message.written) found.push({ title: `${plural(message.written, 'value')} accepted for the registers` });
    if (message.error && message.outcome === 'taken') {
        const words = wordsOf(errorWords, message.error.code);
        const others = message.rejected > 1 ? ` This is the first of ${message.rejected} values that were refused.` : '';
        found.push({ ...words, title: message.error.tag ? `${message.error.tag}: ${words.title}` : capitalText(words.title), text: `${words.text ?? ''}${others}`.trim() });
    }
    if (message.held) found.push({ title: `${plural(message.held, 'value')} held`, text: 'The register has a newer value: from SCADA a moment ago (hold_off_ms), or from a live message when this one was retained.' });
    const missed = missedTags(message);
    if (missed) found.push({ title: `${plural(missed, 'tag')} found no value`, text: 'The message does not have their keys. Capital letters matter; a key within an object is a pointer such as /a/b, an element of an array is selected by a member, such as /values/id=T1/v.', remedy: 'If the message should have them, correct the keys of the tags. Some messages have only a part of the values: then there is nothing to do.' });
    return found;
}
