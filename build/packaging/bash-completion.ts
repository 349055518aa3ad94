/**
 * Completion of commands and flags for bash. Names of instances are not completed: that would start the program at
 * every key.
 */
import type { CommandText } from './command-tree.ts'

/** Shells read this file when `wardian` is completed for the first time. */
export function bashCompletion(commands: readonly CommandText[]): string {
  const [program, ...rest] = commands
  const names = rest.map(({ name }) => name).join(' ')
  const cases = rest.map((command) => `    ${command.name}) words='${flagsOf(command).join(' ')}' ;;`)
  return `# bash completion for wardian(1)
_wardian() {
  local current=\${COMP_WORDS[COMP_CWORD]} words
  if [ "$COMP_CWORD" = 1 ]; then
    words='${names} ${program ? flagsOf(program).join(' ') : ''}'
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    *) words= ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _wardian wardian
`
}

function flagsOf({ options }: CommandText): string[] {
  return options.flatMap(({ flags }) => flags.match(/--[\w-]+/g) ?? [])
}
