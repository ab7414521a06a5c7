// The instance: version, storage, settings in force, backups.

import { Head } from '#views/parts/panel.tsx'

export const InstancePage = () => <Head title="Instance" />
