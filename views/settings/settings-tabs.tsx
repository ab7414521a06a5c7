// The head of every face of a workspace's settings: people go between them by tabs.

import { Head, Tabs, type Tab } from '#views/parts/panel.tsx'

export const SettingsHead = ({ tabs }: { tabs: readonly Tab[] }) => (
  <>
    <Head title="Settings" />
    {tabs.length > 1 && <Tabs label="Settings" tabs={tabs} />}
  </>
)
