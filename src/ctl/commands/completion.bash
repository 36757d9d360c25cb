# Completion of tagferryctl for bash. `tagferryctl completion bash` prints this file.
# bash parts words at '=' and ':', and takes what stands behind the last of them.
_tagferryctl()
{
    local line=${COMP_LINE:0:COMP_POINT} word last before='' IFS=$'\n'
    local -a answers
    mapfile -t answers < <("${COMP_WORDS[0]}" __complete line -- "$line" 2>/dev/null)
    COMPREPLY=()
    if [ "${answers[0]-}" = files ]; then
        compopt -o default 2>/dev/null
        return
    fi
    last=${line##*[[:space:]]}
    case $last in *[=:]*) before=${last%"${last##*[=:]}"} ;; esac
    for word in "${answers[@]:1}"; do
        word=${word%%$'\t'*}
        case $word in *[=/:]) compopt -o nospace 2>/dev/null ;; esac
        COMPREPLY+=("${word#"$before"}")
    done
}
complete -F _tagferryctl tagferryctl
