#include "sweep.h"

int main(void) {
    return 0;
}
