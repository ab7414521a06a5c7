// The estate of the demonstration as targets of a workspace: two sites of Splunk and a third that lets
// nobody in, and one of each other kind, beside the sandbox.

import { addSiem } from '#cli/demo/siems.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addLocalTarget } from '#domain/targets/actions.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { startEstate } from '#standins/estate/estate.ts'

/** Of Windows, where every SIEM of the estate has it: the story's attacker asks who they are. */
export const QUESTION = `title: Whoami as SYSTEM
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\whoami.exe', User|endswith: '\\SYSTEM'}
  condition: selection
`
export const LOCKED = 'splunk-singapore'

/** The names of its targets but the sandbox, in order. Needs loopback allowed and jobs that run. */
export async function addEstate(
  t: { after: (end: () => Promise<void>) => void },
  house: House,
  workspaceId: WorkspaceId,
): Promise<readonly string[]> {
  const { clock } = house
  const estate = await startEstate({ clock, events: sampleEvents(addMs(clock.now(), -DAY)) })
  t.after(estate.stop)
  const caller = () => systemCaller(house, 'test', undefined, workspaceId)
  await addLocalTarget(house, caller(), workspaceId)
  await Promise.all(estate.targets.map((siem) => addSiem(house, caller, siem)))
  return estate.targets.map(({ name }) => name).toSorted()
}
