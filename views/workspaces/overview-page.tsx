// The overview of a workspace.

import { Head } from '#views/parts/panel.tsx'

export const OverviewPage = (props: { workspace: string }) => (
  <Head title="Overview" meta={[props.workspace]} />
)
