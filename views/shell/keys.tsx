// The keys of this page, opened by `?`. Read from the same list as the links they press, so that it
// cannot name a key that does nothing. Single keys can be switched off (WCAG 2.1.4).

import type { Child } from 'hono/jsx'
import { Kbd } from '#views/parts/button.tsx'
import { Popover } from '#views/parts/dialog.tsx'
import { Switch } from '#views/parts/field.tsx'
import type { NavItem } from './frame.ts'

/** Opens what the documentation says of this page. */
export const WHY_KEY = 'h'

export const Keys = (props: { nav: readonly NavItem[]; hasWhy: boolean }) => (
  <Popover id="keys" label="Keys of this page" isSmall>
    <div class="panel-head">
      <h2>Keys of this page</h2>
    </div>
    <dl class="keys">
      <Key name="Search or command">
        <Kbd>Ctrl</Kbd> <Kbd>K</Kbd>
      </Key>
      {props.nav.map((item) => (
        <Key name={`Go to ${item.label}`}>
          {item.keys.split(' ').map((key) => (
            <>
              <Kbd>{key.toUpperCase()}</Kbd>{' '}
            </>
          ))}
        </Key>
      ))}
      {props.hasWhy && (
        <Key name="Why this page">
          <Kbd>{WHY_KEY.toUpperCase()}</Kbd>
        </Key>
      )}
      <Key name="This list">
        <Kbd>?</Kbd>
      </Key>
    </dl>
    <p class="panel-foot">
      <a href="/docs">Documentation</a>
    </p>
    <div class="panel-foot" data-script hidden>
      <Switch label="Single keys" data-keys-switch checked />
    </div>
  </Popover>
)

const Key = (props: { name: string; children?: Child }) => (
  <>
    <dt>{props.name}</dt>
    <dd>{props.children}</dd>
  </>
)
