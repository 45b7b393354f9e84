namespace Chappe.Tool;

/// <summary>The completion script of each shell. It asks the program itself, by its [suggest] directive.</summary>
/// <remarks>
/// The answers include names of channels, and any user can create a name in /dev/shm: no script lets a shell evaluate an answer. In bash that rules
/// out <c>compgen -W</c>, which expands its words.
/// </remarks>
internal static class CompletionScript
{
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    public static string For(string shell) => shell switch
    {
        "zsh" => Zsh,
        "fish" => Fish,
        _ => Bash,
    };

    /// <summary>Bash ends a word at an equals sign (COMP_WORDBREAKS); the directive expects an option's value as a separate word.</summary>
    private const string Bash =
        """
        _chappe() {
            local program=$1 word=$2 line candidate
            line="chappe${COMP_LINE:${#COMP_WORDS[0]}:COMP_POINT-${#COMP_WORDS[0]}}"
            [[ $line == *"=$word" ]] && line="${line%"=$word"} $word"
            COMPREPLY=()
            while IFS= read -r candidate; do
                if [[ $candidate == "$word"* ]]; then
                    printf -v candidate %q "$candidate"
                    COMPREPLY+=("$candidate")
                fi
            done < <("$program" "[suggest:${#line}]" "$line" 2> /dev/null)
        }
        complete -o default -F _chappe chappe

        """;

    private const string Zsh =
        """
        #compdef chappe
        _chappe() {
            local line
            local -a candidates
            [[ $PREFIX == --*=* ]] && compset -P '*='
            line="chappe ${(j: :)words[2,CURRENT-1]} ${IPREFIX%=} $PREFIX"
            candidates=("${(@f)$("${(Q)words[1]}" "[suggest:${#line}]" "$line" 2> /dev/null)}")
            candidates=(${candidates:#})
            compadd -a candidates || _files
        }
        if [[ $funcstack[1] == _chappe ]]; then
            _chappe "$@"
        else
            compdef _chappe chappe
        fi

        """;

    private const string Fish =
        """
        function __chappe_complete
            set -l words (commandline --current-process --tokenize --cut-at-cursor)
            set --erase words[1]
            set -l word (commandline --current-token --cut-at-cursor)
            set -l option (string match --regex '^--[^=]+=' -- $word)
            set -l line (string join ' ' -- chappe $words (string trim --right --chars '=' -- "$option") (string replace -- "$option" '' "$word"))
            for candidate in (chappe "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null)
                printf '%s\n' "$option$candidate"
            end
        end
        complete --command chappe --arguments '(__chappe_complete)'

        """;
}
