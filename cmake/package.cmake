# The Debian package: what CPack has to know.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the mlpsweep authors")
set(CPACK_PACKAGE_CONTACT "the mlpsweep authors <maintainers@users.noreply.r-seed-99bf2a01.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Training and tables need neither; figures and pages need gnuplot, the script that fetches MNIST curl.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot, curl | wget, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "sqlite3, dataset-fashion-mnist, slurm-client, make")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"mlpsweep trains many small multilayer perceptrons, as an experiment in YAML
declares them: topologies, initializers, optimizers, batch sizes, seeds.
Every number goes into one SQLite database; figures, tables and verdicts in
words say when and why a net overfits. Sweeps can be interrupted and resumed,
bit for bit.")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian.cmake)
set(CPACK_MLPSWEEP_DATE ${MLPSWEEP_DATE})
include(CPack)
