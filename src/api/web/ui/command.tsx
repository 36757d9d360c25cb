// A command for a terminal, with a button that copies it.
import { Button } from './basic';
import { notify } from './dialog';

function copyText(text: string): void {
    const copyOld = () => {
        const area = document.createElement('textarea');
        area.value = text;
        document.body.append(area);
        area.select();
        const isCopied = document.execCommand('copy');
        area.remove();
        notify(isCopied ? 'Copied.' : 'This browser does not copy here: select the text and press Ctrl+C.');
    };
    if (!navigator.clipboard) return copyOld(); // without HTTPS
    navigator.clipboard.writeText(text).then(() => notify('Copied.'), copyOld);
}

export function Command({ text, label = 'Command' }: { text: string; label?: string }) {
    return (
        <div class="command">
            <pre tabIndex={0} aria-label={label}>
                {text}
            </pre>
            <Button onClick={() => copyText(text)} aria-label={`Copy: ${label}`}>
                Copy
            </Button>
        </div>
    );
}
