#compdef tagferryctl
# Completion of tagferryctl for zsh. `tagferryctl completion zsh` prints this file.
_tagferryctl()
{
    local answer word
    local -a answers whole whole_shown open open_shown
    answers=("${(@f)$(${(Q)words[1]} __complete words -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    if [[ ${answers[1]} == files ]]; then
        [[ $PREFIX == --*=* ]] && compset -P '*='
        _files
        return
    fi
    for answer in ${answers[2,-1]}; do
        word=${answer%%$'\t'*}
        [[ $answer == *$'\t'* ]] && answer="${(r:24:)word} ${answer#*$'\t'}"
        if [[ $word == *[=/:] ]]; then
            open+=("$word")
            open_shown+=("$answer")
        else
            whole+=("$word")
            whole_shown+=("$answer")
        fi
    done
    compadd -l -d whole_shown -a whole
    compadd -l -S '' -d open_shown -a open
}
if [[ ${funcstack[1]-} == _tagferryctl ]]; then
    _tagferryctl "$@"
else
    compdef _tagferryctl tagferryctl
fi
