// Every command of the program, in the order of `help`. A new command is a new file and a line here.

/// The list of commands.
enum CommandRegistry {
  static let commands: [any Command] = [
    BootCommand(), SystemsCommand(), UseCommand(), InfoSystemCommand(), CheckpointCommand(), RestoreCommand(),
    InfoCheckpointsCommand(),
    MoveCommand(), StructureShowCommand(), StructureNewCommand(), StructureSaveCommand(), StructureLoadCommand(),
    DeviceReplaceCommand(),
    LinkCommand(), LinkExplainCommand(), LinkListCommand(), VirtualMachineStartCommand(), VirtualMachineRunCommand(),
    VirtualMachineListCommand(), VirtualMachineStopCommand(),
    RunCommand(), StepCommand(), ContinueCommand(), BreakCommand(), TemporaryBreakCommand(), DeleteCommand(),
    InfoBreakpointsCommand(), ConsoleCommand(), DebuggerCommand(),
    HostFetchCommand(), HostPingCommand(), RevokeCommand(),
    ReverseStepCommand(), ReverseContinueCommand(), GotoCommand(), WatchCommand(), CatchCommand(), WhyCommand(),
    InfoHistoryCommand(),
    SysCommand(), TraceCommand(), ProfileCommand(), ProfileRunCommand(), CompareCommand(), CompareStructureCommand(),
    InfoRegistersCommand(), InfoCSRCommand(), InfoTasksCommand(), InfoComponentsCommand(),
    InfoImageCommand(), InfoCallsCommand(), InfoTrustCommand(), InfoRightsCommand(), InfoDevicesCommand(),
    InfoResourcesCommand(), InfoTLBCommand(), InfoStatsCommand(), PrintCommand(),
    ExamineCommand(), ExaminePhysicalCommand(), DisassembleCommand(), TranslateCommand(), PageTableCommand(),
    RegionMapCommand(), SpaceDiffCommand(),
    FaultInjectCommand(), FaultRemoveCommand(), InfoFaultsCommand(),
    LessonListCommand(), LessonStartCommand(), LessonStatusCommand(), LessonCheckCommand(), LessonHintCommand(),
    LessonSolutionCommand(), LessonNextCommand(), LessonSkipCommand(), LessonBackCommand(), LessonRestartCommand(),
    LessonSandboxCommand(), LessonResumeCommand(), LessonAgainCommand(), AnswerCommand(), LessonQuitCommand(),
    LessonNewCommand(), LessonPreviewCommand(), LessonLintCommand(), LessonTestCommand(), LessonUpdateCommand(),
    LessonCoverageCommand(), LessonExportCommand(), LessonGradeCommand(),
    LessonAddCommand(), LessonRemoveCommand(), LessonFoldersCommand(),
    PresentCommand(), VoteCommand(), RevealCommand(),
    HelpCommand(), SetCommand(), ShowCommand(), SourceCommand(), UndoCommand(), BenchCommand(), QuitCommand(),
  ]
}
