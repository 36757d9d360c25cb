// What became of messages and why parts are down, in words, each with what to do. The words are in
// src/common/words, for tagferryctl, too; the long form is in docs/troubleshooting.md and docs/operations.md.
import clients from '../../../common/words/clients.json';
import errors from '../../../common/words/errors.json';
import exceptions from '../../../common/words/exceptions.json';
import formats from '../../../common/words/formats.json';
import functions from '../../../common/words/functions.json';
import gateways from '../../../common/words/gateways.json';
import outcomes from '../../../common/words/outcomes.json';
import partReasonWords from '../../../common/words/part_reasons.json';
import reasons from '../../../common/words/reasons.json';

export interface Remedy {
    title: string; // what happened, in a few words
    text?: string; // what it means
    remedy?: string; // what to do
}

type Words = Record<string, Remedy>;

export function titlesOf(words: Words): Record<string, string> {
    return Object.fromEntries(Object.entries(words).map(([code, { title }]) => [code, title]));
}

export const outcomeWords: Words = outcomes;
export const errorWords: Words = errors;
export const formatWords: Words = formats; // what a payload that is not text looks like
export const partReasons: Words = partReasonWords; // why a part of /readyz is down
export const gatewayErrors: Words = gateways; // why a gateway does not follow its leader, or is one of two leaders
export const clientReasons: Words = clients; // why tagferry-modbusd refused or closed a Modbus client
export const functionWords = titlesOf(functions); // by function code
export const exceptionWords: Words = exceptions; // by number

// Where this page says more.
const onPage: Record<string, string> = { broker_lost: 'System says why.' };

// What to do about the reason of a quality.
export const reasonRemedies: Record<string, string> = Object.fromEntries(Object.entries(reasons).map(([reason, { remedy }]) => [reason, [remedy, onPage[reason]].filter(Boolean).join(' ')]));

export function wordsOf(table: Record<string, Remedy>, code: string | null | undefined): Remedy {
    return code ? (table[code] ?? { title: code.replaceAll('_', ' ') }) : { title: '' };
}
