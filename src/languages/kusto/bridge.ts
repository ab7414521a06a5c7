// Microsoft's parser is C# carried into JavaScript and expects its runtime as a global. This module
// stands alone because imports run before any statement of the module that holds them.

import Bridge from '@kusto/language-service-next/bridge.min.js'

Object.assign(globalThis, { Bridge })
