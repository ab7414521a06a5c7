// What stands over every page while the instance is not as it should be: what it means, what still
// works, who can do something.

import { Notice } from '#views/parts/notice.tsx'
import type { InstanceState } from './frame.ts'

export const InstanceNotices = ({ state }: { state: InstanceState }) => {
  const { isReadOnly, isAuditBroken, heldReason } = state
  if (!isReadOnly && !isAuditBroken && heldReason === null) return <></>
  return (
    <div class="stack-s standing">
      {isReadOnly && (
        <Notice tone="bad" title="The disk takes no data.">
          Reading works; nothing that was stored is lost. Changes are refused until there is space,
          and go on by themselves then.
        </Notice>
      )}
      {isAuditBroken && (
        <Notice tone="bad" title="The audit log is broken.">
          Reading works; changes are refused until whoever runs this instance decides.
        </Notice>
      )}
      {heldReason !== null && (
        <Notice tone="warn" title="This instance is held.">
          {heldReason} Schedules and writes to targets stand still until an owner releases it.
        </Notice>
      )}
    </div>
  )
}
