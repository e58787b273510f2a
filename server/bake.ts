// Puts a site's configuration into the loader.
/** Where the configuration goes. */
export const PLACE = '__SAYSO_CONFIG__'

/** JSON that may stand in a script, inline or not: no `</script>`, no line ends that JavaScript sees and JSON does not. */
export function writeForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** The loader with a configuration, as JavaScript, in its place. */
export function bakeWidget(loader: string, config: string): string {
  return loader.split(PLACE).join(config)
}
