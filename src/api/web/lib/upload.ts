// Files to the server.
import { isTokenRefused, needsToken, Problem, token, type Fault } from './api';

export interface Upload {
    path: string; // with its query
    body: Blob;
    type: string;
    ifMatch?: string | null;
    signal?: AbortSignal;
    onSent: (sent: number, total: number) => void;
}

// Sends a file and tells how much has been sent, which fetch cannot. Throws a Problem if it is refused.
export function upload<Body>({ path, body, type, ifMatch, signal, onSent }: Upload): Promise<Body> {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('POST', path);
        request.setRequestHeader('Content-Type', type);
        request.setRequestHeader('Accept', 'application/json');
        request.setRequestHeader('X-Requested-With', 'tagferry');
        if (token.value) request.setRequestHeader('Authorization', `Bearer ${token.value}`);
        if (ifMatch) request.setRequestHeader('If-Match', ifMatch);
        request.upload.onprogress = (event) => onSent(event.loaded, event.total);
        request.onload = () => {
            let answer: { title?: string; detail?: string; errors?: Fault[] } = {};
            try {
                answer = JSON.parse(request.responseText);
            } catch {
                // the status says enough
            }
            if (request.status < 300) return resolve(answer as Body);
            if (isTokenRefused(request.status)) needsToken.value = true;
            reject(new Problem(request.status, answer.title ?? '', answer.detail ?? `The server answered ${request.status}.`, answer.errors));
        };
        request.onerror = () => reject(new Problem(0, 'No answer', 'tagferry-api does not answer. Nothing is known of what it did with the file: look at the newest changes.'));
        signal?.addEventListener('abort', () => {
            request.abort();
            reject(new DOMException('', 'AbortError'));
        });
        request.send(body);
    });
}
