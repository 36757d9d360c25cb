/* The exit statuses of tagferryctl. */
#ifndef TAGFERRY_CTL_BASE_CTL_STATUS_H
#define TAGFERRY_CTL_BASE_CTL_STATUS_H

enum ctl_status {
    CTL_DONE = 0,
    CTL_REFUSED = 1,     /* by the server, by the user, or by this machine */
    CTL_USAGE = 2,       /* the command line or the configuration is wrong: nothing was sent */
    CTL_UNREACHABLE = 3, /* no answer, or none of Tagferry */
    CTL_NOT_FOUND = 4,   /* the server has no such object */
    CTL_CHANGED = 5      /* somebody else has changed the object meanwhile: nothing was changed */
};

#endif
