// A new device.
import { DeviceForm } from './devices/device-form';

export default function NewDeviceScreen() {
    return <DeviceForm name={null} />;
}
