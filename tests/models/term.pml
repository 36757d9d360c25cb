/* The follower's term: src/api/replica/ and src/api/store/store_role.c, store_delta_write.c.
 *
 * Two gateways with a store each. A leader takes changes; a follower asks for what it lacks and applies the answer,
 * which may come late. Commands promote a gateway or let it follow, also an old leader that comes back; `[api] follow`
 * may be removed from the settings. A partition is an answer that does not come.
 *
 * large: CHANGES=5 COMMANDS=5 */
#ifndef CHANGES
#define CHANGES 4
#endif
#ifndef COMMANDS
#define COMMANDS 4
#endif

/* struct store_lineage of gateway 0 and 1, and whether it follows the other. */
byte term[2], branch[2], revision[2], parent[2], parent_revision[2];
bool follows[2];
byte branches = 1;           /* random names: never the same twice */
byte changes, commands;

/* The audit: the change of each revision. Its number stands for the time of its entry. */
#define LOG 8
#define AT(gateway, number) ((gateway) * LOG + (number))
byte log[2 * LOG];

#ifdef FAULT_FOLLOWS_OLDER /* the terms are not compared */
#define NOT_OLDER(its, own) true
#else
#define NOT_OLDER(its, own) (its >= own)
#endif

/* store_lineage_continues */
#define CONTINUES(b, r, of, of_r) ((branch[me] == b && revision[me] <= r) || \
                                   (of != b && branch[me] == of && revision[me] <= of_r))

/* store_delta_write: the newest entry of the asker's audit is the leader's entry of that number */
#ifdef FAULT_NO_TIME /* its time is not compared */
#define SAME_ENTRY(me, other) true
#else
#define SAME_ENTRY(me, other) (log[AT(me, revision[me])] == log[AT(other, revision[me])])
#endif

#ifdef FAULT_LATE_ANSWER /* the answer is not compared with the store as it is now */
#define IS_FOR_THIS_STATE true
#else
#define IS_FOR_THIS_STATE (since == revision[me] && CONTINUES(its_branch, its_revision, its_parent, its_parent_revision))
#endif

inline promote()
{
    term[me]++;
    parent[me] = branch[me];
    parent_revision[me] = revision[me];
    branch[me] = branches;
    branches++
}

proctype gateway(byte me)
{
    byte other = 1 - me, i;
    /* the answer of the leader, and what was asked with */
    bool has_answer, keeps;
    byte its_term, its_branch, its_revision, its_parent, its_parent_revision, since;
    byte its_log[LOG];
end:
    do
    :: atomic { /* a change of the configuration */
           changes < CHANGES && !follows[me] ->
           changes++;
           revision[me]++;
           log[AT(me, revision[me])] = changes
       }
    :: atomic { /* role_promote: also of one that leads */
           commands < COMMANDS -> commands++; promote(); follows[me] = false }
    :: atomic { /* role_follow, after replica_role_probe */
           commands < COMMANDS && !follows[me] && !follows[other] && NOT_OLDER(term[other], term[me]) ->
           commands++;
           follows[me] = true
       }
    :: atomic { /* store_role_configure: [api] follow is removed, and both lead in the same branch */
           commands < COMMANDS && follows[me] ->
           commands++;
           follows[me] = false
       }
    :: atomic { /* replica_fetch: store_answer_short and store_delta_write of the other gateway */
           follows[me] && !has_answer && !follows[other] && NOT_OLDER(term[other], term[me]) &&
           (branch[me] != branch[other] || revision[me] != revision[other] || !SAME_ENTRY(me, other)) ->
           has_answer = true;
           since = revision[me];
           its_term = term[other];
           its_branch = branch[other];
           its_revision = revision[other];
           its_parent = parent[other];
           its_parent_revision = parent_revision[other];
           keeps = CONTINUES(its_branch, its_revision, its_parent, its_parent_revision) && SAME_ENTRY(me, other);
           do
           :: i < LOG -> its_log[i] = log[AT(other, i)]; i++
           :: else -> i = 0; break
           od
       }
    :: atomic { /* copy_apply_delta, copy_check_lineage */
           has_answer ->
           has_answer = false;
           if
           :: follows[me] && NOT_OLDER(its_term, term[me]) &&
              (!keeps || IS_FOR_THIS_STATE) ->
              assert(its_term >= term[me]); /* an old leader does not overwrite a newer store */
              do
              :: i < LOG ->
                 /* the own store is kept as a file, or all of it is in the leader's (copy_keep_store) */
                 assert(!keeps || i > revision[me] || log[AT(me, i)] == its_log[i]);
                 log[AT(me, i)] = its_log[i];
                 i++
              :: else -> i = 0; break
              od;
              term[me] = its_term;
              branch[me] = its_branch;
              revision[me] = its_revision;
              parent[me] = its_parent;
              parent_revision[me] = its_parent_revision
           :: else /* refused: the next question has the store's new position */
           fi;
           do
           :: i < LOG -> its_log[i] = 0; i++
           :: else -> i = 0; break
           od;
           keeps = false; since = 0;
           its_term = 0; its_branch = 0; its_revision = 0; its_parent = 0; its_parent_revision = 0
       }
    od
}

init
{
    atomic {
        follows[1] = true; /* with a copy of the first one's store */
        run gateway(0);
        run gateway(1)
    }
}
