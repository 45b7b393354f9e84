export default {
  // A block without a language is a drawing or a command: no language is to be guessed for it.
  configureHljs: hljs => hljs.configure({ languages: [] }),
}
