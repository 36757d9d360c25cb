// Devices: the list, one device, and the forms of devices and tags.
import type { ScreenProps } from './index';
import { linkTo } from '../lib/router';
import { Empty } from '../ui/basic';
import { DeviceView } from './devices/device';
import { DeviceForm } from './devices/device-form';
import { DeviceList } from './devices/list';
import { TagForm } from './devices/tag-form';

export default function DevicesScreen({ parts }: ScreenProps) {
    const [device, part, tag, action] = parts;
    if (!device) return <DeviceList />;
    if (!part) return <DeviceView key={device} name={device} />;
    if (part === 'edit') return <DeviceForm key={device} name={device} />;
    if (part === 'new-tag') return <TagForm key={device} device={device} name={null} />;
    if (part === 'tags' && tag && action === 'edit') return <TagForm key={`${device}/${tag}`} device={device} name={tag} />;
    return (
        <Empty whole title="There is no such screen">
            <a href={linkTo('devices')}>Devices</a>
        </Empty>
    );
}
