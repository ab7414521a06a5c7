// The picker of tactics and techniques, as a page of its own and, for htmx, as suggestions.

import type { Found } from '#languages/attack/search.ts'
import { AttackResults } from '#views/parts/attack.tsx'
import { Button } from '#views/parts/button.tsx'
import { hx } from '#views/parts/hx.tsx'
import { Head, Panel } from '#views/parts/panel.tsx'

export interface AttackPageProps {
  readonly path: string
  readonly q: string
  readonly found: readonly Found[]
  readonly version: string
}

export const AttackPage = ({ path, q, found, version }: AttackPageProps) => (
  <>
    <Head title="MITRE ATT&CK" meta={[`Version ${version}`, 'Tags for rules']} />
    <div class="stack">
      <form
        class="filters"
        action={path}
        method="get"
        role="search"
        {...hx({
          get: path,
          target: '#attack-results',
          swap: 'innerHTML',
          trigger: 'input delay:80ms, submit',
          sync: 'this:replace',
        })}
      >
        <input
          class="input filter-q"
          type="search"
          name="q"
          maxlength={200}
          autocomplete="off"
          autofocus
          aria-label="Technique, tactic or id"
          placeholder="PowerShell, T1059 or execution"
          value={q}
        />
        <Button icon="search">Search</Button>
      </form>
      <Panel
        title="Found"
        id="attack"
        foot="© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation."
      >
        <div id="attack-results">
          <AttackResults q={q} found={found} />
        </div>
      </Panel>
    </div>
  </>
)
