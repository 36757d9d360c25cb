// Server-sent events over fetch, because EventSource cannot send a token.
import { send } from './api';

export interface ServerEvent {
    event: string;
    data: string;
}

// Reads events until the stream ends or the signal aborts it. `onBytes` is called for whatever comes,
// heartbeats too. Throws a Problem if the stream cannot be opened.
export async function readEvents(
    path: string,
    signal: AbortSignal,
    onEvent: (event: ServerEvent) => void,
    onBytes: () => void,
): Promise<Response> {
    const answer = await send('GET', path, { accept: 'text/event-stream', signal });
    if (!answer.ok || !answer.body) return answer;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
        const { value, done } = await reader.read();
        if (done) return answer;
        onBytes();
        rest += value;
        let end: number;
        while ((end = rest.indexOf('\n\n')) >= 0) {
            const lines = rest.slice(0, end).split('\n');
            rest = rest.slice(end + 2);
            let event = 'message';
            const data: string[] = [];
            for (const line of lines) {
                if (line.startsWith('event:')) event = line.slice(6).trim();
                else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
            }
            if (data.length > 0) onEvent({ event, data: data.join('\n') });
        }
    }
}
