// The screens of the page. Each is loaded when it is first shown, but Live, which comes at once.
import type { ComponentType } from 'preact';
import { LiveScreen } from './live';

// `parts` are those of the address behind the screen's own: #/tags/boiler-7/temp gives the screen "tags"
// the parts boiler-7 and temp.
export interface ScreenProps {
    parts: string[];
}

export interface Screen {
    id: string; // the first part of the address
    title: string; // in the menu; empty: not in the menu
    of?: string; // the screen of the menu that this one belongs to
    view?: ComponentType<ScreenProps>;
    load?: () => Promise<{ default: ComponentType<ScreenProps> }>;
}

export const screens: Screen[] = [
    { id: 'live', title: 'Live', view: LiveScreen },
    { id: 'tags', title: '', of: 'live', load: () => import('./tag') },
    { id: 'devices', title: 'Devices', load: () => import('./devices') },
    { id: 'new-device', title: '', of: 'devices', load: () => import('./new-device') },
    { id: 'profiles', title: '', of: 'devices', load: () => import('./profiles') },
    { id: 'learn', title: 'Learn', load: () => import('./learn') },
    { id: 'registers', title: 'Registers', load: () => import('./registers') },
    { id: 'messages', title: 'Messages', load: () => import('./messages') },
    { id: 'changes', title: 'Changes', load: () => import('./changes') },
    { id: 'transfer', title: 'Import/export', load: () => import('./transfer') },
    { id: 'scada', title: 'SCADA', load: () => import('./scada') },
    { id: 'system', title: 'System', load: () => import('./system') },
];
