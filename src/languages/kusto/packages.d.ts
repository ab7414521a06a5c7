// The two files of the package that are used; its own declarations are 36,000 lines of globals.

declare module '@kusto/language-service-next/bridge.min.js' {
  const bridge: object
  export default bridge
}
declare module '@kusto/language-service-next/Kusto.Language.Bridge.min.js'
