// The newest values of a tag as a small line.
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Row } from '../lib/live';

const WIDTH = 72;
const HEIGHT = 24;

const dark = matchMedia('(prefers-color-scheme: dark)');
const lineColour = signal('');

function readColour(): void {
    lineColour.value = getComputedStyle(document.documentElement).getPropertyValue('--muted').trim();
}
dark.addEventListener('change', readColour);

function drawTrail(canvas: HTMLCanvasElement, trail: number[]): void {
    const scale = window.devicePixelRatio || 1;
    const context = canvas.getContext('2d');
    if (!context) return;
    if (canvas.width !== WIDTH * scale) {
        canvas.width = WIDTH * scale;
        canvas.height = HEIGHT * scale;
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const known = trail.filter(Number.isFinite);
    if (known.length < 2) return;
    const low = Math.min(...known);
    const high = Math.max(...known);
    const span = high - low || 1;
    const step = (WIDTH - 4) / (known.length - 1);
    context.beginPath();
    known.forEach((value, index) => {
        const x = 2 + index * step;
        const y = high === low ? HEIGHT / 2 : HEIGHT - 3 - ((value - low) / span) * (HEIGHT - 6);
        if (index === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
    });
    context.lineWidth = 1.25;
    context.lineJoin = 'round';
    context.strokeStyle = lineColour.value;
    context.stroke();
}

// It is part of a row, so that it is drawn only while the row is on the screen.
export function Sparkline({ row }: { row: Row }) {
    const canvas = useRef<HTMLCanvasElement>(null);
    if (!lineColour.value) readColour();
    const shown = row.shown.value;
    useLayoutEffect(() => drawTrail(canvas.current!, row.trail), [row, shown, lineColour.value]);
    return <canvas ref={canvas} class="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true" />;
}
