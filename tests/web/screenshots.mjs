// Makes the pictures of README.md from a plant that publishes: scripts/screenshots. The folder for them is in
// TAGFERRY_PICTURES.
import { join } from 'node:path';
import { test } from 'node:test';
import { api, call, expectText, publishUntil, startPlant } from './harness.mjs';

const folder = process.env.TAGFERRY_PICTURES;
const HISTORY_S = 90; // of values, so that the chart has a curve

const plant = await startPlant();
const register = (name, unit, type, more = {}) => ({ name, unit, modbus: { table: 'input_register', type, ...more } });
const devices = [
    ...[1, 2, 3].map((at) => ({
        name: `meter-${at}`,
        label: `Hall ${at}, main meter`,
        mqtt: { topic: `hall-${at}/meter`, stale_after_s: 60 },
        tags: [register('voltage', 'V', 'float32'), register('current', 'A', 'uint16', { scale: 0.01 }), register('energy', 'kWh', 'uint32')],
    })),
    {
        name: 'boiler-7',
        label: 'Boiler house',
        mqtt: { topic: 'plant/boiler-7/telemetry' },
        tags: [
            register('supply_temperature', '°C', 'float32'),
            register('return_temperature', '°C', 'float32'),
            { name: 'burner', modbus: { table: 'discrete_input', type: 'bool' } },
            { name: 'setpoint', unit: '°C', direction: 'both', mqtt: { command_topic: 'plant/boiler-7/set' }, modbus: { type: 'int16', scale: 0.1 } },
        ],
    },
    { name: 'pump-2', label: 'Feed pump', mqtt: { topic: 'plant/pump-2' }, tags: [register('pressure', 'bar', 'float32'), register('speed', '1/min', 'uint16')] },
    { name: 'chiller', label: 'Roof', mqtt: { topic: 'plant/chiller', availability_topic: 'plant/chiller/status' }, tags: [register('flow', 'm³/h', 'float32')] },
];
await api('POST', '/import', { devices });
await call('served');

const publish = (topic, payload, retain = false) => call('publish', { topic, payload, retain });
async function publishAll(second) {
    const wave = (period, shift = 0) => Math.sin((2 * Math.PI * (second + shift)) / period);
    for (const at of [1, 2, 3]) {
        const voltage = (230 + 1.5 * wave(37, 9 * at)).toFixed(1);
        await publish(`hall-${at}/meter`, { voltage: +voltage, current: +(12 + 4 * wave(53, 17 * at)).toFixed(2), energy: 48210 + 1000 * at + Math.floor(second / 7) });
    }
    await publish('plant/boiler-7/telemetry', {
        supply_temperature: +(71.5 + 2 * wave(60)).toFixed(2),
        return_temperature: +(52.1 + 1.2 * wave(60, 15)).toFixed(2),
        burner: wave(60) < 0.3 ? 'ON' : 'OFF',
        setpoint: 65,
    });
    await publish('plant/pump-2', { pressure: +(3.2 + 0.1 * wave(20)).toFixed(2), speed: 'fast' });
}

const picture = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });

test('pictures', { timeout: 600000 }, async () => {
    await publishUntil('plant/chiller', { flow: 18.4 }, 'chiller', 'flow');
    await publish('plant/chiller/status', 'offline', true);
    const live = await plant.openPage('#/live', { width: 1280, height: 640 });
    const tag = await plant.openPage('#/tags/boiler-7/supply_temperature', { width: 1280, height: 860, dark: true });
    const phone = await plant.openPage('#/live', { width: 390, height: 760 });
    for (let second = 0; second < HISTORY_S; second++) {
        await publishAll(second);
        await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await expectText(live.getByRole('row').filter({ hasText: 'speed' }), 'bad');
    await picture(live, 'live');
    await tag.getByRole('button', { name: 'All', exact: true }).click();
    await tag.locator('.uplot').waitFor();
    await publishAll(HISTORY_S);
    await picture(tag, 'tag');
    await picture(phone, 'phone');
    const registers = await plant.openPage('#/registers', { width: 1280, height: 640 });
    await expectText(registers.locator('main'), 'voltage');
    await registers.getByText('supply_temperature').hover({ force: true });
    await expectText(registers.locator('main'), 'float32');
    await picture(registers, 'registers');

    const learn = await plant.openPage('#/learn', { width: 1280, height: 640 });
    await learn.getByRole('button', { name: 'Listen' }).click();
    for (let second = 0; second < 4; second++) {
        await publish('line-4/press/state', { force: 118.2 + second, strokes: 40211 + second, tool: { id: 'T7', wear: 0.31 }, running: true });
        await publish('line-4/oven/state', { zone: [{ id: 'A', temp: 184.5 }, { id: 'B', temp: 191.25 }], door: 'closed' });
        await publishAll(second);
        await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await expectText(learn.locator('main'), 'line-4');
    await picture(learn, 'learn');
});
